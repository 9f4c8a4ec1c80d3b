"""The report: one self-contained HTML file for each run; it makes no requests and can be read offline."""
