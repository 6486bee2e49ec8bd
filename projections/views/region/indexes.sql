create index region_programme on region (programme);
