"""One module for each change of the tables, in order. Imports nothing of the project but `store.migrations.run`."""
