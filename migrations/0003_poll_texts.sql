CREATE TABLE "poll_texts" (
	"poll_id" uuid NOT NULL,
	"language" text NOT NULL,
	"texts" text[],
	CONSTRAINT "poll_texts_poll_id_language_pk" PRIMARY KEY("poll_id","language")
);
--> statement-breakpoint
ALTER TABLE "poll_texts" ADD CONSTRAINT "poll_texts_poll_id_polls_id_fk" FOREIGN KEY ("poll_id") REFERENCES "public"."polls"("id") ON DELETE cascade ON UPDATE no action;