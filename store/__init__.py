"""The memory: records, facts, their fold, the journal and the tables, on LMDB."""
