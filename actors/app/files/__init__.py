"""What a run is given: bars and other market data, instruments and settings, read strictly."""
