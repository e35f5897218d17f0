export default function Page() {
  return <p>gates</p>;
}
