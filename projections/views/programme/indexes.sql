create index programme_trials on programme using gin (trials);
create index programme_regions on programme using gin (regions);
