"""Runs a flow: requests go to the wire, questions to whoever can answer them."""

from collections.abc import Callable

from labpass.login.steps import Flow, Question, Request, Response, T


def drive(
    flow: Flow[T], *, send: Callable[[Request], Response], answer: Callable[[Question], str]
) -> T:
    """Run a flow to its end; what ``send`` or ``answer`` raise ends it too."""
    try:
        step = next(flow)
        while True:
            step = flow.send(send(step) if isinstance(step, Request) else answer(step))
    except StopIteration as e:
        result: T = e.value
        return result
    finally:
        flow.close()


def unanswered(question: Question) -> str:
    """Stand in where a flow asks nothing."""
    raise AssertionError(f"this flow asks no questions: {type(question).__name__}")
