"""A request that the exchange does not carry out: a code of Bybit's and its text."""

__all__ = ["Rejection", "parameter_error"]


class Rejection(Exception):
    """Answered with `code` and `text`; nothing has changed."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


def parameter_error(text: str) -> Rejection:
    """10001: a parameter is wrong, and the text says which."""
    return Rejection(10001, f"params error: {text}")
