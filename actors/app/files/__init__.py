"""The input files of a run: bars and other market data, and instruments, read strictly."""
