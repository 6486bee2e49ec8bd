create index consequence_order on consequence ((not open), since, consequence);
