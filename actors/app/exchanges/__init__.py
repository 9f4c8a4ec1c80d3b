"""The tree's `exchange` branch, one module a kind of exchange; everything below it in the tree is the same."""
