DROP TABLE notes, ledger;
