"""Runs what may block beside the screen, and hands the result to the screen's own thread."""

import threading
from contextlib import suppress
from typing import Any

from textual.app import App

from store.errors import CallchainError
from tui.door_like import Answer, Errand


def in_thread(app: App[Any], errand: Errand, answer: Answer) -> None:
    """Answer with the errand's result, or with the error it raised. Its thread keeps nobody from leaving."""

    def run() -> None:
        try:
            result = errand()
        except CallchainError as error:
            result = error
        with suppress(RuntimeError):  # the app was left meanwhile
            app.call_from_thread(answer, result)

    threading.Thread(target=run, name="door", daemon=True).start()
