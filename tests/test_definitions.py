"""The graph as Dagster sees it: a change of it is a reviewed diff of `graph.txt`, rewritten by `python -m tests.test_definitions`."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipeline.definitions import JOB, build, defs
from pipeline.ingest.assets import reception
from pipeline.schema import names
from pipeline.settings import Settings
from tests.conftest import ROOT

SNAPSHOT = Path(__file__).with_name("graph.txt")


def graph() -> Iterator[str]:
    """One line an asset: group, key, kinds, what it is made from; then the checks."""
    assets = defs.resolve_asset_graph()
    for node in sorted(assets.asset_nodes, key=lambda node: (node.group_name or "", node.key)):
        parents = ", ".join(sorted(key.to_user_string() for key in node.parent_keys))
        yield f"{node.group_name}: {node.key.to_user_string()} [{', '.join(sorted(node.kinds))}] <- {parents}".rstrip(" <-")
    for key in sorted(assets.asset_check_keys, key=lambda key: (key.asset_key, key.name)):
        blocking = " (blocking)" if assets.get(key).blocking else ""
        yield f"check: {key.asset_key.to_user_string()} {key.name}{blocking}"


def test_the_graph_is_the_reviewed_one() -> None:
    assert "\n".join(graph()) + "\n" == SNAPSHOT.read_text(encoding="utf-8")


def test_every_asset_is_described_and_every_table_has_its_columns() -> None:
    described = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    assert not [key for key, spec in described.items() if not spec.description]
    for stage in ("harmonise", "validate"):
        for table in names("deliveries"):
            assert described[f"{stage}/{table}"].metadata["dagster/column_schema"].columns
    for table in names("public"):
        assert described[f"protege/{table}"].metadata["dagster/column_schema"].columns


def test_every_check_is_an_invariant_that_blocks() -> None:
    assets = defs.resolve_asset_graph()
    assert assets.asset_check_keys
    assert all(assets.get(key).blocking for key in assets.asset_check_keys)


def test_the_release_must_be_fresh_and_runs_every_night() -> None:
    release = next(spec for spec in defs.resolve_all_asset_specs() if spec.key == dg.AssetKey(["release", "publication"]))
    assert release.freshness_policy is not None
    schedule = defs.resolve_schedule_def("chaque_nuit")
    assert schedule.cron_schedule == "0 4 * * *" and schedule.job_name == JOB


def test_the_inbox_starts_a_run_when_it_changes(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, published=tmp_path / "published")
    resources = {"execution": build(settings).resources["execution"]}

    def requests() -> list[dg.RunRequest]:
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance=instance, resources=resources)
            return list(reception.evaluate_tick(context).run_requests or ())

    assert requests() == []
    settings.reception.mkdir()
    (settings.reception / "sources.toml").write_text("", encoding="utf-8")
    first = requests()
    (settings.reception / "vagues.csv").write_text("vague\n", encoding="utf-8")
    second = requests()
    assert [request.run_config["resources"]["execution"]["config"]["sources"] for request in first + second] == [
        str(settings.reception / "sources.toml")
    ] * 2
    assert first[0].run_key != second[0].run_key
    assert requests()[0].run_key == second[0].run_key


def test_a_request_of_the_inbox_is_a_valid_run(tmp_path: Path) -> None:
    """The run configuration that the sensor gives is one that the job accepts, with the other settings kept."""
    settings = Settings(home=tmp_path / "var", published=tmp_path / "published")
    job = build(settings).resolve_job_def(JOB)
    settings.reception.mkdir(parents=True)
    (settings.reception / "absent.toml").symlink_to("nulle-part")
    resources = {"execution": build(settings).resources["execution"]}
    with dg.DagsterInstance.ephemeral() as instance:
        tick = reception.evaluate_tick(dg.build_sensor_context(instance=instance, resources=resources))
    result = job.execute_in_process(run_config=tick.run_requests[0].run_config, raise_on_error=False)
    failures = [event.event_specific_data.error.to_string() for event in result.all_events if event.is_step_failure]
    assert any("absent.toml" in failure for failure in failures)
    assert settings.prive.is_dir() and not settings.published.exists()


@pytest.mark.parametrize("command", [["definitions", "validate", "-w", "workspace.yaml"]], ids=["dagster-dev-can-load"])
def test_the_workspace_loads(command: list[str]) -> None:
    dagster = Path(sys.executable).with_name("dagster")
    done = subprocess.run([dagster, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(graph()) + "\n", encoding="utf-8")
