"""Between core and hardware: `interface` is what a vendor implements, `simulated` a station without hardware."""
