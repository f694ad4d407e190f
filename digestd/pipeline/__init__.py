"""The stages: poll, compose, deliver. Each is a function of its ports and of now, and may run twice, anywhere, at any time."""
