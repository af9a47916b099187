select coalesce(round(sum(total), 2), 0) as revenue,
  count(*) as orders,
  round(avg(total), 2) as basket
from data
where ordered_on >= date('now', '-' || {{ params.days }} || ' days')
