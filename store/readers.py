"""How far back somebody still reads: what a reader holds keeps pages from being used again, and the file grows."""

from store.database import Database


def oldest_reader_lag(database: Database) -> int:
    """Transactions since the oldest one that is still being read, in any process; 0 where nobody reads far back."""
    environment = database._env
    # A line for each reader, "pid thread txnid"; the first line names the columns, idle readers have a dash.
    lines = str(environment.readers()).splitlines()[1:]
    held = [int(words[2]) for line in lines if len(words := line.split()) == 3 and words[2].isdecimal()]
    return max(0, int(environment.info()["last_txnid"]) - min(held)) if held else 0
