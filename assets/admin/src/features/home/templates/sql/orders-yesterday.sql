select count(*) as orders, coalesce(round(sum(total), 2), 0) as revenue
from data
where ordered_on = date('now', '-1 day')
