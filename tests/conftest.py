"""What all tests share: how Hypothesis looks for counterexamples."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline in either: how long an example takes says more about the machine than about the code.
settings.register_profile("dev", deadline=None)
# The same examples in every run: a change is judged by what it changes. Counterexamples come with what replays them.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
# Four tests of frames and JSON text, so a hundred thousand inputs in all: `make fuzz`.
settings.register_profile("fuzz", deadline=None, max_examples=25_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))
