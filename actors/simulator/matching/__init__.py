"""The market of one symbol: its resting orders, and how bars fill and trigger them."""
