import { CodeEditor, type CodeEditorProps } from "../code-editor/code-editor";
import classes from "./facts.module.css";

interface FactsProps {
  /** Whether they are the parts of one value. */
  inner?: boolean;
  children: React.ReactNode;
}

/** Values with their labels, for people who read and do not change them. */
export function Facts({ inner = false, children }: FactsProps) {
  return <dl className={inner ? `${classes.facts} ${classes.parts}` : classes.facts}>{children}</dl>;
}

interface FactProps {
  label: React.ReactNode;
  children: React.ReactNode;
}

/** One value, or nothing if it is empty. */
export function Fact({ label, children }: FactProps) {
  if (children === null || children === undefined || children === "" || children === false) return null;
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface CodeProps extends Pick<CodeEditorProps, "language"> {
  label: string;
  text: string;
}

const ignore = () => undefined;

/** Code that is read. */
export function ReadCode({ label, text, language }: CodeProps) {
  return (
    <CodeEditor
      ariaLabel={label}
      language={language}
      value={text}
      readOnly
      maxHeight={360}
      minHeight={32}
      onChange={ignore}
    />
  );
}
