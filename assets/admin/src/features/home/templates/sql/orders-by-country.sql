select country, round(sum(total), 2) as revenue
from data
where ordered_on >= date('now', '-' || {{ params.days }} || ' days')
group by country
order by revenue desc
