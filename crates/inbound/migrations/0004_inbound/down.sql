DROP TABLE inbound_receipts;
