DROP FUNCTION clear_default_partition, drop_partitions, make_partitions, close_partition, partitions_before, partitioned_by, first_id_of;
