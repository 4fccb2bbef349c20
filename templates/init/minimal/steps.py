"""The functions that the steps of pipeline.yaml call."""


def greet(who: str) -> str:
    return f"hello, {who}"
