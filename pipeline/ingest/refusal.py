"""Why a delivery could not be used, said to the person who delivered it."""


class DeliveryRefused(Exception):
    """The message is one French sentence: what was found, what was expected, what to do. Never the value of a cell."""
