import { Badge } from "@mantine/core";
import { tagsOf } from "./tags";

/** The most tags that are shown of a record in a list. */
const SHOWN = 3;

/** The tags of a record, as small marks. */
export function TagMarks({ record }: { record: object }) {
  const tags = tagsOf(record);
  const more = tags.length - SHOWN;
  return (
    <>
      {tags.slice(0, SHOWN).map((tag) => (
        <Badge key={tag} variant="default" size="sm" tt="none" fw={400}>
          {tag}
        </Badge>
      ))}
      {more > 0 && (
        <Badge variant="default" size="sm" tt="none" fw={400} title={tags.slice(SHOWN).join(", ")}>
          +{more}
        </Badge>
      )}
    </>
  );
}
