"""Supervisors: specs into trees, deaths into decisions, and management calls at run time."""
