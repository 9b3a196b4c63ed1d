-- Where a key works from: networks as CIDR, with a space between. NULL is anywhere.
ALTER TABLE keyward_keys ADD COLUMN networks TEXT;
