"""The views, one module for each journey: a request becomes a form, a use case, a page."""
