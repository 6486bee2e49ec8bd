-- The events of each programme. `words`: its titles and acronym as they are compared. `numbers`: of linked
-- registrations and of protocols. `trials`: linked trials of this registry. `regions`: joined, and only named.
create table programme (
    programme text collate "C" primary key,
    words text not null,
    numbers text[] not null,
    trials text[] not null,
    regions text[] not null,
    document json not null
);
