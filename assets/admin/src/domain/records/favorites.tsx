import { t } from "@lingui/core/macro";
import { ActionIcon } from "@mantine/core";
import { IconStar, IconStarFilled } from "@tabler/icons-react";
import { useUserConfig } from "@/lib/api/subjects/user-config";

/** The caller's favorite dashboards, by id, the latest last. */
export function useFavorites() {
  const { config, change } = useUserConfig();
  const favorites = config?.favoriteDashboards ?? [];
  const toggle = (id: string) =>
    change({
      favoriteDashboards: favorites.includes(id)
        ? favorites.filter((other) => other !== id)
        : [...favorites, id],
    });
  return { favorites, toggle, isLoaded: config !== undefined };
}

/** Adds a dashboard to the favorites, or removes it. */
export function FavoriteButton({ id, name, size = 32 }: { id: string; name: string; size?: number }) {
  const { favorites, toggle, isLoaded } = useFavorites();
  const isFavorite = favorites.includes(id);
  const label = isFavorite ? t`Remove ${name} from favorites` : t`Add ${name} to favorites`;
  const Star = isFavorite ? IconStarFilled : IconStar;
  return (
    <ActionIcon
      size={size}
      aria-label={label}
      title={isFavorite ? t`Remove from favorites` : t`Add to favorites`}
      aria-pressed={isFavorite}
      disabled={!isLoaded}
      onClick={() => toggle(id)}
    >
      <Star
        size={16}
        stroke={1.6}
        {...(isFavorite ? { color: "light-dark(#b7791f, #f2c063)" } : {})}
        aria-hidden
      />
    </ActionIcon>
  );
}
