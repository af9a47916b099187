insert into customers (name, email, country, plan, since) values
  ('Harbor Books', 'orders@harbor-books.example', 'Denmark', 'Team', '2025-02-11'),
  ('North Mill Bakery', 'office@north-mill.example', 'Germany', 'Free', '2025-03-02'),
  ('Blue Door Hotel', 'desk@blue-door.example', 'France', 'Business', '2025-03-19'),
  ('Lakeside Cycles', 'shop@lakeside-cycles.example', 'Austria', 'Team', '2025-04-27'),
  ('Old Town Pharmacy', 'info@old-town.example', 'Italy', 'Free', '2025-06-08'),
  ('Green Roof Studio', 'hello@green-roof.example', 'Netherlands', 'Business', '2025-08-15'),
  ('Station Garage', 'garage@station.example', 'Germany', 'Free', '2025-10-01'),
  ('Hilltop Dairy', 'farm@hilltop-dairy.example', 'Switzerland', 'Team', '2026-01-22'),
  ('Paper & Ink', 'post@paper-ink.example', 'Spain', 'Free', '2026-02-14'),
  ('Seaside Surf School', 'team@seaside-surf.example', 'Portugal', 'Team', '2026-04-30')
