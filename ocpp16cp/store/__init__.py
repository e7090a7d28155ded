"""Where the state of a charge point survives a power cut: `interface`, and two that keep it: `memory`, `sqlite`."""
