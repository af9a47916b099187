-- The forms in which records are stored: see `src/store/records/forms.rs`.
alter table directory add column forms text;
