import { Trans } from "@lingui/react/macro";
import { at } from "@/lib/http/base";
import classes from "./brand.module.css";

/** The product's logo and name, on pages outside of tenants. */
export function Brand() {
  return (
    <div className={classes.brand}>
      <img src={at("/favicon.svg")} width={28} height={28} alt="" />
      <span>
        <Trans>jet-admin</Trans>
      </span>
    </div>
  );
}
