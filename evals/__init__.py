"""Questions, measures, suites: how good Byline is, as numbers anybody can reproduce."""
