"""Profile × paper → matches. Pure: no files, clocks or randomness. The query language is that of docs/queries.md."""
