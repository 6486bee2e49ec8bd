create index site_organisation on site (organisation);
