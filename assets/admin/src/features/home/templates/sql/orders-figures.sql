select round(sum(total) filter (where status <> 'refunded'), 2) as revenue,
  count(*) as orders,
  round(avg(total), 2) as basket
from data
where ordered_on >= date('now', '-' || {{ params.days }} || ' days')
