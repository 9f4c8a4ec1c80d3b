"""The report: one self-contained HTML file a run, readable offline, with nothing fetched from anywhere."""
