-- What tells prices apart beside their kind: whom each is for (ONIX list 59), copies of one order from which on it
-- holds, further conditions (list 167). And why a product has none (list 57); null beside a price.

alter table product add column unpriced_reason text;
alter table product_price add column qualifier text;
alter table product_price add column minimum_quantity bigint;
alter table product_price add column conditions text;
