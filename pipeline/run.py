"""One run of the programme's job, in this process, on an ephemeral Dagster instance."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from pipeline import incident
from pipeline.definitions import JOB, build
from pipeline.release import swap
from pipeline.release.errors import ReleaseError
from pipeline.settings import Settings

OK, BLOCKED, UNREADABLE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130
_SYSTEM = re.compile(r"\[Errno \d+\] ([^:\n]+)")
STOPPED = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
JUDGING = "valider"  # the step that writes the reports


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `code`: 0 published, 1 blocked by a check, 2 an input could not be read, 3 an error of ours.

    `judged`: the deliveries were read and judged, so that their reports are those of this run. `release`: the name of what was published.
    """

    code: int
    reasons: tuple[str, ...] = ()
    judged: bool = False
    release: str | None = None


def execute(settings: Settings, on_step: Callable[[str], None]) -> Outcome:
    """Run every stage; `on_step` hears the name of each step as it starts. Failures are told in the outcome, never raised."""
    if settings.release is not None:
        try:
            swap.check_name(settings.release)
        except ReleaseError as error:
            return Outcome(UNREADABLE, (str(error),))
    definitions = build(settings, loggers={"suivi": _listener(on_step)})
    with _instance() as instance:
        job = definitions.resolve_job_def(JOB)
        result = job.execute_in_process(run_config={"loggers": {"suivi": {}}}, instance=instance, raise_on_error=False)
    judged = any(event.is_step_success and event.step_key == JUDGING for event in result.all_events)
    if result.success:
        published = result.asset_materializations_for_node("release__publication")[-1].metadata["publication"].value
        return Outcome(OK, (), judged, str(published))
    refused = [check for check in result.get_asset_check_evaluations() if not check.passed and check.blocking]
    if refused:
        return Outcome(BLOCKED, tuple(line for check in refused for line in (check.description or check.check_name).splitlines()), judged)
    errors = [error for event in result.all_events for error in _errors(event)]
    if any(error.cls_name in STOPPED for error in errors):
        return Outcome(INTERRUPTED, ("Interrompu.",), judged)
    ours = [sentence for error in errors if (sentence := _sentence(error))]
    if ours:
        return Outcome(UNREADABLE, tuple(dict.fromkeys(ours)), judged)
    return Outcome(INTERNAL, (incident.log(settings.home, "".join(error.to_string() for error in errors)),), judged)


def _instance() -> dg.DagsterInstance:
    """An ephemeral instance that stores no event: its log goes with it, so that nobody could read one, and storing each takes 1 ms."""
    instance = dg.DagsterInstance.ephemeral()
    instance.event_log_storage.store_event = lambda event: None  # type: ignore[method-assign]
    return instance


def _errors(event: dg.DagsterEvent) -> Iterator[SerializableErrorInfo]:
    error = getattr(event.event_specific_data, "error", None)
    while error is not None:
        yield error
        error = error.cause


def _sentence(error: SerializableErrorInfo) -> str | None:
    """The message of an error class of ours, which is one French sentence, or of the operating system; None for any other class."""
    name, _, message = error.message.strip().partition(": ")
    if name.startswith("pipeline.") and message:
        return message
    if found := _SYSTEM.search(error.message):
        return f"Lecture ou écriture impossible ({found[1].strip()}) : vérifier la place sur le disque et les droits des dossiers."
    return None


def _listener(on_step: Callable[[str], None]) -> dg.LoggerDefinition:
    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            event = getattr(record, "dagster_meta", {}).get("dagster_event")
            if event is not None and event.event_type_value == "STEP_START":
                on_step(event.step_key)

    @dg.logger
    def suivi(_context: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.getLogger("pipeline.suivi")
        logger.setLevel(logging.DEBUG)  # the level of Dagster's step events
        logger.propagate = False
        logger.handlers = [Listener()]
        return logger

    return suivi
