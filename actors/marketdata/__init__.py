"""Market data: closed bars without holes, each sent to every subscriber once."""
