import { t } from "@lingui/core/macro";
import { useState } from "react";
import { pictureAddress, rowsOf, safeAddress, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import classes from "../widget-kinds.module.css";

export function ImageWidget({ config, result }: WidgetProps) {
  const field = textOf(config, "field");
  const given = field && result ? rowsOf(result).rows[0]?.[field] : textOf(config, "url");
  const address = pictureAddress(given);
  if (!given) return <Hint text={field ? t`The first row has no image.` : t`Enter the URL of an image.`} />;
  if (!address) return <Hint text={t`Only images from this server or from https:// URLs can be shown.`} />;
  return (
    <Picture
      key={address}
      address={address}
      alt={textOf(config, "alt")}
      cover={config["fit"] === "cover"}
      link={safeAddress(config["link"])}
    />
  );
}

function Picture({
  address,
  alt,
  cover,
  link,
}: {
  address: string;
  alt: string;
  cover: boolean;
  link: string | null;
}) {
  const [broken, setBroken] = useState(false);
  if (broken) return <Hint text={t`Could not load the image: ${alt}`} />;
  const picture = (
    <img
      className={classes.picture}
      data-cover={cover || undefined}
      src={address}
      alt={alt}
      loading="lazy"
      referrerPolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
  if (!link) return picture;
  return (
    <a
      className={classes.pictureLink}
      href={link}
      {...(link.startsWith("/") ? {} : { target: "_blank", rel: "noopener noreferrer" })}
    >
      {picture}
    </a>
  );
}
