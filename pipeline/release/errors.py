"""Why a release is not made: each error is one French sentence, ready to be shown."""


class ReleaseError(Exception):
    """A release that cannot be made or read; what is already published has not changed."""


class ReleaseExists(ReleaseError):
    """The name is taken by a release that does not hold the same bytes, or is already the latest."""
