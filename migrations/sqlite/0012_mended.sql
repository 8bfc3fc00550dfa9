-- The file of the corrected record that was imported in place of a refused one.

alter table quarantine add column mended blob;
