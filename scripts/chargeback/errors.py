"""The one error that users are meant to read."""


class ChargebackError(Exception):
    """Something the user can fix. The command prints the message and exits with code 1.

    The message says what is wrong and what to do about it; no stack trace is shown.
    """
