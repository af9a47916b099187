select id, ordered_on, customer, country, status, total
from data
where ordered_on >= date('now', '-' || {{ params.days }} || ' days')
order by id desc
