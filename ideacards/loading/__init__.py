"""The strict loader: YAML or TOML text to a tree with places, the tree to attrs classes; every fault is kept."""
