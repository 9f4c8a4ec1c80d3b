"""Reading a card: YAML text to a tree with places, the tree to written classes, part by part, with every fault kept."""
