/** Colors of statuses. Text beside them carries the same meaning. */
export const tones = ["green", "blue", "violet", "amber", "red", "grey"] as const;
export type Tone = (typeof tones)[number];

/** Returns a color from a config; grey if it is not known. */
export const toneOf = (value: unknown): Tone => tones.find((tone) => tone === value) ?? "grey";

/** Common status words, in English and German, by color. */
const words: Record<Tone, string> = {
  green:
    "done,complete,completed,success,successful,succeeded,ok,active,paid,approved,resolved,delivered,published,online," +
    "healthy,passed,confirmed,live,enabled,won,erledigt,fertig,abgeschlossen,aktiv,bezahlt,genehmigt,geliefert,gelöst",
  blue: "open,new,running,processing,started,in_progress,progress,todo,offen,neu,laufend,in_bearbeitung,begonnen",
  violet:
    "shipped,in_transit,waiting,review,in_review,scheduled,on_hold,hold,trial,versandt,wartend,geplant,prüfung",
  amber:
    "pending,warning,retrying,medium,delayed,paused,partial,unpaid,due,ausstehend,warnung,mittel,verzögert",
  red:
    "failed,failure,error,rejected,blocked,overdue,critical,high,urgent,declined,denied,lost,offline,down,expired," +
    "churned,refunded,fehlgeschlagen,fehler,abgelehnt,überfällig,kritisch,hoch,dringend,erstattet",
  grey:
    "draft,inactive,archived,cancelled,canceled,closed,skipped,unknown,low,disabled,none,entwurf,inaktiv,archiviert," +
    "storniert,abgebrochen,geschlossen,unbekannt,niedrig",
};

const known = new Map<string, Tone>(
  tones.flatMap((tone) => words[tone].split(",").map((word) => [word, tone] as const)),
);

/** Returns the color of a common status such as "failed" or "In progress"; undefined for any other value. */
export const toneOfWord = (value: unknown): Tone | undefined =>
  typeof value === "string"
    ? known.get(
        value
          .trim()
          .toLowerCase()
          .replace(/[\s-]+/g, "_"),
      )
    : undefined;
